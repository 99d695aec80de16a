"""Plans: boundaries are redrawn on a draft, checked, weighed, approved by a second person, and published at an hour."""
