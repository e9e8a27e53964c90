-- Nobody enters a database that is not theirs, these two included: by default everybody may.
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
