"""What residents tell through the code on their door, and what they are told in return."""
