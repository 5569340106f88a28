app = ["app1.example.com", "app2.example.com", "app3.example.com"]
