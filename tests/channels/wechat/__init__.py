"""The WeChat Official Account: callbacks, planning, windows, vectors of another implementation."""
