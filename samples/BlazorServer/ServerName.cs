namespace BlazorServer;

/// <summary>What a server calls itself: --name, else machine and process.</summary>
public static class ServerName
{
    public static string Of(IConfiguration configuration) =>
        configuration["name"] ?? $"{Environment.MachineName}-{Environment.ProcessId}";
}
