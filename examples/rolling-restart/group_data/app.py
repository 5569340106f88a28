restart = "sudo systemctl restart app"
health_port = 8000
