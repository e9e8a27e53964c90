"""Lists as CSV files for spreadsheets."""
