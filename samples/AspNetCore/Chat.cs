using Microsoft.AspNetCore.SignalR;

namespace AspNetCore;

/// <summary>
/// A hub without a backplane: who says something is heard by those who are connected to the same server, and by nobody
/// else, whatever balancer is in front.
/// </summary>
public sealed class Chat(Chat.Server server) : Hub
{
    public sealed record Server(string Name);

    /// <summary>The server's name.</summary>
    public string Who() => server.Name;

    public Task Say(string text) => Clients.All.SendAsync("said", server.Name, text);
}
