"""What the WeChat Official Account and WeCom share: the guard of their callbacks, their XML, their access tokens."""
