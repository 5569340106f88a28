web = [
    "web1.example.com",
    ("web2.example.com", {"http_port": 8080}),
]
