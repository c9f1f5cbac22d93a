"""One module a chat platform. `base` says what each must offer."""
