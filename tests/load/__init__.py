"""Load in story time: hours of customers and a hall of agents, through the whole bot and a strict Slack."""
