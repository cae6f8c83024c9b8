"""Demo data that look like life: people, plans and a year of answers. Nobody in here exists."""
