"""What the web chat takes in. All of these are ours: generous for a person, tight for a machine."""

FRAME_BYTES = 64 * 1024  # one frame of the WebSocket, as UTF-8
TEXT = 20_000  # characters of one message
ID = 64  # characters of a client id
PHOTOS = 9  # with one message
UPLOAD_BYTES = 20 * 1024 * 1024  # one file; handlers.files.SIZE_LIMITS may be tighter for its kind
FORM_BYTES = 64 * 1024  # what a multipart form may hold beside the file
UPLOADS_AT_ONCE = 4  # held in memory at the same time

PAGE = 50  # lines sent at once
SOCKETS = 8  # open tabs and devices of one person
MAILBOX = 256  # frames waiting for one socket; a slower one is let go and reads the history later
SEND_SECONDS = 20.0  # how long one frame may take to leave

BURST = 30  # messages of one person at once …
PER_SECOND = 1.0  # … and from then on
STOP_SECONDS = 10.0  # how long a stop waits for messages that are being taken in

COOKIE_SECONDS = 400 * 24 * 3600  # browsers keep a cookie for 400 days at the most: RFC 6265bis, section 5.5
FILE_SECONDS = 3600  # how long a browser may keep a photo: the right to see it may end
