"""The bank of practices: telling one, experts, publishing, looking, trying out."""
