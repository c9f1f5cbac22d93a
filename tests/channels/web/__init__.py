"""The web chat: frames over a real WebSocket, uploads and files over real HTTP."""
