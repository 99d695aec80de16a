"""What people and other systems are told: written with the change itself, delivered by the worker, seen until it is."""
