namespace ActorLb.Bench.Comparison;

/// <summary>Three backends in one nginx (Debian package nginx): each answers 42 bytes, files, and uploads. What they cost does not count.</summary>
internal static class NginxBackends
{
    public static string Program { get; } = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";

    public static BenchProcess Start(WorkFolder work, int[] ports)
    {
        string servers = string.Join('\n', ports.Select(p => $$"""
              server {
                listen 127.0.0.1:{{p}};
                location = / { return 200 "an answer of 42 bytes, as small pages are."; }
                location = /taken { return 200 "taken"; }
                # Only for another server does it read a body to its end before it answers.
                location = /upload {
                  proxy_pass http://127.0.0.1:{{p}}/taken;
                  proxy_pass_request_body off;
                  proxy_set_header Content-Length "";
                }
                location / { root {{work.Path}}; }
              }
            """));
        string configuration = work.Write("nginx.conf", $$"""
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            daemon off;
            worker_processes 1;
            pid {{work.Path}}/nginx.pid;
            error_log {{work.Path}}/error.log;
            events { worker_connections 4096; }
            http {
              access_log off;
              sendfile on;
              client_max_body_size 100m;
              client_body_buffer_size 2m;
              keepalive_requests 100000000;
              client_body_temp_path {{work.Path}}/body;
              proxy_temp_path {{work.Path}}/proxy;
              fastcgi_temp_path {{work.Path}}/fastcgi;
              uwsgi_temp_path {{work.Path}}/uwsgi;
              scgi_temp_path {{work.Path}}/scgi;
            {{servers}}
            }
            """);
        foreach ((string name, int bytes) in Scenario.Bodies)
        {
            work.Write(name, new string('x', bytes));
        }

        return BenchProcess.Start(Program, ["-c", configuration, "-e", System.IO.Path.Combine(work.Path, "error.log")]);
    }
}
