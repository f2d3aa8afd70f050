"""What comes out: videos, frames, sheets, decks, and the manifests that vouch for them."""
