"""The page: five tabs over one Engine. Only this package and app.py import gradio.

texts <- jobs (work that outlives a page) <- workspace (an owner's files) <- studio (the work)
<- page (binding of handlers) <- *_tab (widgets and handlers) with *_view (their HTML) <- build
"""
