"""Tests of what the WeChat Official Account and WeCom share."""
