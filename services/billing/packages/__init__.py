"""Prepaid sessions: sale, reservation, redemption."""
