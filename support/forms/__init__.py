"""Forms: what people and programs send, parsed into commands."""
