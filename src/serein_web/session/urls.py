app_name = "session"
urlpatterns: list = []
