using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>
/// Mutates the corpora and checks of each message: no exception and no byte read outside of it, the same end in any
/// split, agreement with the grammar, and that what is accepted means the same when it is written and read again.
/// </summary>
internal sealed class MessageFuzzer
{
    // A quarter of the messages run into limits that they could not reach otherwise.
    private static readonly MessageLimits Small = new(64, 200, 8, 24);

    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly RequestChecks _requests;
    private readonly ResponseChecks _responses;
    private readonly long[] _faults = new long[Enum.GetValues<MessageFault>().Length];

    public MessageFuzzer(int seed)
    {
        var memory = new GuardedMemory();
        _random = new Random(seed);
        _mutator = new Mutator(_random);
        _requests = new RequestChecks(memory, _random);
        _responses = new ResponseChecks(memory, _random);
    }

    public long Accepted { get; private set; }

    public long Incomplete { get; private set; }

    /// <summary>How often each fault was named.</summary>
    public IEnumerable<(MessageFault Fault, long Count)> Faults => _faults.Select((count, fault) => ((MessageFault)fault, count)).Skip(1);

    /// <exception cref="FuzzFailure">Something does not hold for the message that it shows.</exception>
    public void Run(long iterations)
    {
        IReadOnlyList<CorpusCase> cases = CorpusReader.All;
        for (long i = 0; i < iterations; i++)
        {
            CorpusCase start = cases[_random.Next(cases.Count)];
            byte[] bytes = _mutator.Mutate(start);
            MessageLimits limits = _random.Next(4) > 0 ? MessageReading.UsualLimits : Small;
            ParseResult result = start.IsRequest ? _requests.Check(bytes, limits) : _responses.Check(bytes, limits);
            Accepted += result.IsComplete ? 1 : 0;
            Incomplete += result.Status == ParseStatus.NeedMore ? 1 : 0;
            _faults[(int)result.Fault]++;
        }
    }
}
