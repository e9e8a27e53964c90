"""Billing: prices, prepaid packages, invoices, payments and the books."""
