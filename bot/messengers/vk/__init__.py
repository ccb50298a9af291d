"""VK: messages of a community, as an aiogram session."""
