"""The same report conversation as somebody would write it with other libraries, by their own documentation."""
