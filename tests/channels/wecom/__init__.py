"""Tests of the WeCom channel."""
