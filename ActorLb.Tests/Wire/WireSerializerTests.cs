using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace ActorLb.Tests.Wire;

public sealed class WireSerializerTests : IAsyncLifetime
{
    private readonly IHost _host = BuildHost();

    private ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public Task InitializeAsync() => _host.StartAsync();

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    [Fact]
    public void A_registered_message_travels_by_its_table()
    {
        Akka.Serialization.Serialization serialization = System.Serialization;
        var message = new Greeting("bonjour", 3);

        var serializer = Assert.IsType<GreetingSerializer>(serialization.FindSerializerFor(message));
        byte[] bytes = serializer.ToBinary(message);

        Assert.Equal("07626F6E6A6F757203", Convert.ToHexString(bytes));
        Assert.Equal(message, serialization.Deserialize(bytes, serializer.Identifier, serializer.Manifest(message)));
    }

    [Fact]
    public void A_manifest_that_is_not_in_the_table_is_refused_by_name()
    {
        var e = Assert.Throws<SerializationException>(() => Serializer().FromBinary([1], "ZZ"));
        Assert.Contains("\"ZZ\"", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_is_not_in_the_table_is_refused_even_where_it_inherits_from_one_that_is()
    {
        Assert.Throws<SerializationException>(() => Serializer().ToBinary("text"));
        Assert.Throws<SerializationException>(() => Serializer().ToBinary(new LoudGreeting("a", 1)));
        Assert.Throws<SerializationException>(() => Serializer().Manifest(new LoudGreeting("a", 1)));
    }

    [Fact]
    public void A_value_that_the_message_itself_refuses_is_a_serialization_error()
    {
        byte[] noTimes = Serializer().ToBinary(new Greeting("x", 1));
        noTimes[^1] = 0;

        var e = Assert.Throws<SerializationException>(() => Serializer().FromBinary(noTimes, "G"));
        Assert.IsType<ArgumentOutOfRangeException>(e.InnerException);
    }

    private GreetingSerializer Serializer() => new((ExtendedActorSystem)System);

    private static IHost BuildHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAkka("wire", (akka, _) => akka.WithWireSerializer("greetings", GreetingSerializer.Table, s => new GreetingSerializer(s)));
        return builder.Build();
    }

    private record Greeting
    {
        public Greeting(string text, int times)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
            Text = text;
            Times = times;
        }

        public string Text { get; }

        public int Times { get; }
    }

    private sealed record LoudGreeting(string Text, int Times) : Greeting(Text, Times);

    private sealed class GreetingSerializer(ExtendedActorSystem system) : WireSerializer(system, 8199, Table)
    {
        internal static readonly ImmutableArray<WireMessage> Table =
        [
            WireMessage.Of<Greeting>(
                "G",
                (w, m) =>
                {
                    w.Text(m.Text);
                    w.Varint((ulong)m.Times);
                },
                (ref r) => new Greeting(r.Text(), (int)r.Varint())),
        ];
    }
}
