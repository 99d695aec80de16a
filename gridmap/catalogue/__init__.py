"""The rules of the district as rows: classes of matter, who answers for them, how fast, with what proof."""
