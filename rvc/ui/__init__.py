"""The page: five tabs over one Engine. Only this package and app.py import gradio.

texts (words) <- jobs (work that outlives a page) <- workspace (a person's files) <- studio (verbs)
<- one file per tab <- page
"""
