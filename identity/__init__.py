"""Who is here, where they come from, and what they may do."""
