using Grpc.Core;

namespace GrpcSample;

/// <summary>Counts in the memory of one server.</summary>
public sealed class CountingService(CountingService.Server server) : Counting.CountingBase
{
    public override Task<Count> Next(NextRequest request, ServerCallContext context) => Task.FromResult(server.Next());

    public override async Task CountTo(CountToRequest request, IServerStreamWriter<Count> responseStream, ServerCallContext context)
    {
        for (int value = 1; value <= request.Last; value++)
            await responseStream.WriteAsync(new Count { Server = server.Name, Value = value }, context.CancellationToken);
    }

    public sealed class Server(string name)
    {
        private int _value;

        public string Name => name;

        public Count Next() => new() { Server = name, Value = Interlocked.Increment(ref _value) };
    }
}
