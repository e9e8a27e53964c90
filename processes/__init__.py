"""The chain of clinics as separate processes on one machine: what a deployment does on several, to be tried out."""
