servers = ["web1.example.com", "db1.example.com"]
