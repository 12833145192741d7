using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Webhooks;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class WebhookTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Kind, string? Signature, string Body)> _posted = [];
    private readonly ConcurrentQueue<int> _answers = [];
    private readonly EventLog _log = new("n1", () => DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), NullLogger.Instance, 1000);
    private WebApplication _site = null!;
    private Func<Task> _before = () => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _site = builder.Build();
        _site.MapPost("/hook", async (HttpContext context) =>
        {
            await _before();
            using var reader = new StreamReader(context.Request.Body);
            string body = await reader.ReadToEndAsync();
            int status = _answers.TryDequeue(out int answer) ? answer : 204;
            _posted.Enqueue((context.Request.Headers["X-ActorLb-Event"].ToString(), context.Request.Headers[WebhookSignature.Field], body));
            return Results.StatusCode(status);
        });
        await _site.StartAsync();
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Each_event_is_posted_in_order_and_signed()
    {
        await using Webhook webhook = Start("a secret");
        NodeEvent[] noted = [Note(EventKind.NodeReady), Note(EventKind.BackendDown)];
        await PostedAsync(2);
        Assert.Equal(noted.Select(e => Encoding.UTF8.GetString(e.Json.Span)), _posted.Select(p => p.Body));
        Assert.Equal(["node.ready", "backend.down"], _posted.Select(p => p.Kind));
        Assert.All(_posted, p => Assert.Equal(
            "sha256=" + Convert.ToHexString(HMACSHA256.HashData("a secret"u8, Encoding.UTF8.GetBytes(p.Body))).ToLowerInvariant(), p.Signature));
    }

    // Test case 2 of RFC 4231.
    [Fact]
    public void The_signature_is_that_of_the_standard() => Assert.Equal(
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", WebhookSignature.Of("Jefe", "what do ya want for nothing?"u8));

    [Fact]
    public async Task Without_a_secret_nothing_is_signed()
    {
        await using Webhook webhook = Start("");
        Note(EventKind.NodeReady);
        await PostedAsync(1);
        Assert.True(string.IsNullOrEmpty(_posted.Single().Signature));
    }

    [Fact]
    public async Task Kinds_leave_the_rest_out()
    {
        await using Webhook webhook = Start("", "backend", "node.ready");
        Note(EventKind.CircuitOpened);
        Note(EventKind.BackendDown);
        Note(EventKind.NodeLeaving);
        Note(EventKind.NodeReady);
        await PostedAsync(2);
        Assert.Equal(["backend.down", "node.ready"], _posted.Select(p => p.Kind));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task What_is_not_taken_is_tried_again_before_the_next(int status)
    {
        _answers.Enqueue(status);
        await using Webhook webhook = Start("");
        Note(EventKind.NodeReady);
        Note(EventKind.BackendDown);
        await PostedAsync(3);
        Assert.Equal(["node.ready", "node.ready", "backend.down"], _posted.Select(p => p.Kind));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(302)]
    public async Task What_is_refused_is_not_tried_again(int status)
    {
        _answers.Enqueue(status);
        await using Webhook webhook = Start("");
        Note(EventKind.NodeReady);
        Note(EventKind.BackendDown);
        await PostedAsync(2);
        Assert.Equal(["node.ready", "backend.down"], _posted.Select(p => p.Kind));
    }

    [Fact]
    public async Task While_nobody_takes_them_no_more_wait_than_may_and_the_newest_are_kept()
    {
        var open = new TaskCompletionSource();
        _before = () => open.Task;
        await using Webhook webhook = Start("");
        for (int i = 0; i < Webhook.QueueLength + 100; i++)
        {
            _log.Note(new EventNote(EventKind.NodeReady, $"number {i}."));
        }

        open.SetResult();
        await Eventually.Holds(() => _posted.Any(p => p.Body.Contains($"number {Webhook.QueueLength + 99}.", StringComparison.Ordinal)), "the newest comes");
        Assert.InRange(_posted.Count, Webhook.QueueLength, Webhook.QueueLength + 1);
    }

    [Fact]
    public async Task A_node_that_stops_does_not_wait_for_one_that_takes_nothing()
    {
        var open = new TaskCompletionSource();
        _before = () => open.Task;
        Webhook webhook = Start("");
        Note(EventKind.NodeReady);
        await webhook.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        open.SetResult();
    }

    private Task PostedAsync(int count) => Eventually.Holds(() => _posted.Count >= count, () => $"{_posted.Count} were posted");

    private NodeEvent Note(EventKind kind) => _log.Note(new EventNote(kind, "it happened"));

    private Webhook Start(string secret, params string[] kinds)
    {
        var webhook = new Webhook(new WebhookSettings(new Uri(_site.Urls.First() + "/hook"), secret) { Kinds = [.. kinds] }, TimeProvider.System, NullLogger.Instance);
        _log.Noted += webhook.Offer;
        webhook.Start();
        return webhook;
    }
}
