"""Stand-ins of Slack, X and Graph on loopback; nothing in here knows the desk."""
