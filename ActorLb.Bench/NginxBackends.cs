namespace ActorLb.Bench;

/// <summary>Three backends in one nginx (Debian package nginx): each answers 42 bytes. What they cost does not count.</summary>
internal static class NginxBackends
{
    public static BenchProcess Start(WorkFolder work, int[] ports)
    {
        string servers = string.Join('\n', ports.Select(p => $$"""
              server {
                listen 127.0.0.1:{{p}};
                location / { return 200 "an answer of 42 bytes, as small pages are."; }
              }
            """));
        string configuration = work.Write("nginx.conf", $$"""
            daemon off;
            worker_processes 1;
            pid {{work.Path}}/nginx.pid;
            error_log {{work.Path}}/error.log;
            events { worker_connections 4096; }
            http {
              access_log off;
              keepalive_requests 100000000;
              client_body_temp_path {{work.Path}}/body;
              proxy_temp_path {{work.Path}}/proxy;
              fastcgi_temp_path {{work.Path}}/fastcgi;
              uwsgi_temp_path {{work.Path}}/uwsgi;
              scgi_temp_path {{work.Path}}/scgi;
            {{servers}}
            }
            """);
        string program = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
        return BenchProcess.Start(program, ["-c", configuration, "-e", System.IO.Path.Combine(work.Path, "error.log")]);
    }
}
