"""What a treatment uses by default (IV-04)."""
