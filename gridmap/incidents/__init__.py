"""What joins reports and alerts: the thing that happened, and its steps."""
