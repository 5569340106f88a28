_sudo = True

http_port = 80
site_root = "/srv/www/example"
