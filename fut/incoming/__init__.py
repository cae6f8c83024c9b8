"""What others did on the platform: looked for, taken over where that is safe, otherwise shown to staff."""
