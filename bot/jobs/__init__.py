"""Jobs ask tables what is due."""
