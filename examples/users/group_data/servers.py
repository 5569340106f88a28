_sudo = True

admins = {
    "ada": ["keys/ada.pub"],
    "grace": ["keys/grace.pub"],
}
former_admins = ["charles"]
