from django.urls import path

from serein_web.people import views, views_account, views_log_in

app_name = "people"
urlpatterns = [
    path("log-in/", views_log_in.log_in, name="log-in"),
    path("log-in/second/", views_log_in.second, name="second"),
    path("log-in/passkey/", views_log_in.passkey, name="log-in-passkey"),
    path("log-in/passkey/ask/", views_log_in.ask_for_passkey, name="ask-for-passkey"),
    path("log-out/", views_log_in.log_out, name="log-out"),
    path("locked/", views_log_in.locked, name="locked"),
    path("lock/", views_log_in.lock_now, name="lock"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("home/", views.home, name="home"),
    path("account/", views_account.account, name="account"),
    path("account/passkeys/ask/", views_account.ask_for_new_passkey, name="ask-for-new-passkey"),
    path("account/passkeys/add/", views_account.add_passkey, name="add-passkey"),
    path(
        "account/passkeys/<uuid:passkey_id>/remove/",
        views_account.remove_passkey,
        name="remove-passkey",
    ),
    path("account/app/", views_account.authenticator, name="authenticator"),
    path("account/app/remove/", views_account.remove_authenticator, name="remove-authenticator"),
    path("account/recovery-codes/", views_account.recovery_codes, name="recovery-codes"),
    path("account/password/", views_account.change_password, name="change-password"),
    path("account/pin/", views_account.set_pin, name="set-pin"),
    path("account/everywhere/", views_account.everywhere, name="everywhere"),
    path("account/shared/", views_account.shared_device, name="shared-device"),
    path("account/awake/", views_account.awake, name="awake"),
    path("account/unsent/", views_account.unsent_forms, name="unsent"),
    path("clinic/sites/<uuid:site_id>/duty/", views.duty_list, name="duty"),
    path(
        "clinic/sites/<uuid:site_id>/duty/<uuid:shift_id>/withdraw/",
        views.withdraw_shift,
        name="withdraw-shift",
    ),
    path("clinic/duty/", views.duty_lists, name="duties"),
    path("clinic/sites/<uuid:site_id>/staff/", views.staff, name="staff"),
    path("clinic/sites/<uuid:site_id>/staff/<uuid:user_id>/", views.staff_member, name="staff-member"),
    path("clinic/patients/", views.patients, name="patients"),
    path("clinic/patients/register/", views.register, name="register"),
    path("clinic/patients/<uuid:patient_id>/identifiers/", views.identify, name="identify"),
]
