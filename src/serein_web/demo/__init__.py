"""The demo site: invented people at every stage, made by the actions that staff and patients use."""
