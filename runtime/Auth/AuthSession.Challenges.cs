// Taking a 401 or 407: which challenge is answered, and whether one is (RFC 3261 §22.1 to §22.3, RFC 7616 §3.6 and §5.8, RFC 8760 §2.4 and §2.5).
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

public sealed partial class AuthSession
{
    /// <summary>
    /// Takes the challenges of a final response, of both headers and of every realm. Answered where at least one realm can be: behind a fork one that
    /// accepts is enough. Otherwise what stood in the way, the worst of it if several did.
    /// </summary>
    public ChallengeOutcome TakeChallenge(SipMessage response, ref AuthAttempt attempt)
    {
        if (response.IsRequest || response.Status.StatusCode is not (401 or 407))
            return ChallengeOutcome.NoChallenge;
        Counters.Challenges++;
        if (attempt.Challenges >= AuthLimits.MaxChallengesInRow)
            return ChallengeOutcome.TooMany;
        attempt.Challenges++;
        _usesBefore = _uses;
        Span<Challenge> challenges = stackalloc Challenge[AuthLimits.MaxChallenges];
        var server = TakeHeader(response, HeaderName.WwwAuthenticate, challenges, ref attempt);
        var proxy = TakeHeader(response, HeaderName.ProxyAuthenticate, challenges, ref attempt);
        return Combine(server, proxy);
    }

    // Answered before all; then the higher, which the enum's order makes the worse.
    private static ChallengeOutcome Combine(ChallengeOutcome left, ChallengeOutcome right)
    {
        if (left == ChallengeOutcome.Answered || right == ChallengeOutcome.Answered)
            return ChallengeOutcome.Answered;
        return left > right ? left : right;
    }

    private ChallengeOutcome TakeHeader(SipMessage response, HeaderName header, scoped Span<Challenge> challenges, ref AuthAttempt attempt)
    {
        int count = 0;
        for (int line = response.FirstLineOf(header); line >= 0; line = response.NextLineOf(header, line))
        {
            if (count < challenges.Length && Challenge.TryRead(response, line, header == HeaderName.ProxyAuthenticate, out challenges[count])
                && challenges[count].IsSupported)
                count++;
            else
                Counters.PassedOver++;
        }
        challenges = challenges[..count];
        var outcome = ChallengeOutcome.Unsupported;
        Span<byte> buffer = stackalloc byte[AuthLimits.MaxRealmOctets];
        for (int i = 0; i < challenges.Length; i++)
        {
            // Each realm once, at its topmost challenge.
            if (!TryReadRealm(response.Text, challenges[i], buffer, out int length))
            {
                Counters.PassedOver++;
                continue;
            }
            if (IsAnyOf(challenges[..i], response.Text, buffer[..length]))
                continue;
            outcome = Combine(outcome, TakeRealm(response.Text, challenges[i..], buffer[..length], ref attempt));
        }
        return outcome;
    }

    private static bool TryReadRealm(ReadOnlySpan<byte> text, in Challenge challenge, Span<byte> realm, out int length) =>
        QuotedText.TryUnquote(challenge.Realm.In(text), realm, out length);

    private static bool IsAnyOf(scoped Span<Challenge> challenges, ReadOnlySpan<byte> text, scoped ReadOnlySpan<byte> realm)
    {
        foreach (ref readonly var challenge in challenges)
        {
            if (QuotedText.ContentEquals(challenge.Realm.In(text), realm))
                return true;
        }
        return false;
    }

    // One realm: the challenges from its topmost on, others' among them.
    private ChallengeOutcome TakeRealm(ReadOnlySpan<byte> text, scoped Span<Challenge> challenges, scoped ReadOnlySpan<byte> realm, ref AuthAttempt attempt)
    {
        int user = _credentials.FindByRealm(realm);
        if (user < 0)
            return ChallengeOutcome.NoCredentials;
        bool isProxy = challenges[0].IsProxy;
        int space = FindSpace(isProxy, realm);
        var weakest = WeakestFor(space);
        int best = -1;
        int bestRank = int.MaxValue;
        var without = ChallengeOutcome.Unsupported;
        for (int i = 0; i < challenges.Length; i++)
        {
            ref readonly var offered = ref challenges[i];
            var hash = DigestAlgorithms.HashOf(offered.Algorithm);
            int rank = RankOf(offered.Algorithm);
            if (rank >= bestRank || !QuotedText.ContentEquals(offered.Realm.In(text), realm))
                continue;
            if (!_credentials.HasSecret(user, hash))
                without = Combine(without, ChallengeOutcome.NoCredentials);
            else if (hash < weakest)
                without = Combine(without, ChallengeOutcome.Downgrade);
            else if (!CanKeep(text, offered))
                Counters.PassedOver++;
            else
            {
                best = i;
                bestRank = rank;
            }
        }
        if (best < 0)
        {
            if (without == ChallengeOutcome.Downgrade)
                Counters.Downgrades++;
            return without;
        }
        return Answer(text, challenges[best], realm, space, user, ref attempt);
    }

    private DigestHash WeakestFor(int space)
    {
        var weakest = DigestAlgorithms.HashOf(_options.MinimumAlgorithm);
        return space >= 0 && _options.RefusesWeakerThanBefore && _spaces[space].Strongest > weakest ? _spaces[space].Strongest : weakest;
    }

    // The place in the user's order; int.MaxValue for what is not in it.
    private int RankOf(DigestAlgorithm algorithm)
    {
        var order = _options.Preference;
        if (order.Length == 0)
            return 0;
        for (int i = 0; i < order.Length; i++)
        {
            if (order[i] == algorithm)
                return i;
        }
        return int.MaxValue;
    }

    private static bool CanKeep(ReadOnlySpan<byte> text, in Challenge challenge)
    {
        Span<byte> buffer = stackalloc byte[AuthLimits.MaxNonceOctets];
        return WrittenQuote.TryKeep(challenge.Realm.In(text), buffer[..AuthLimits.MaxRealmOctets], out _)
            && WrittenQuote.TryKeep(challenge.Nonce.In(text), buffer, out _)
            && (!challenge.Opaque.IsPresent || WrittenQuote.TryKeep(challenge.Opaque.In(text), buffer[..AuthLimits.MaxOpaqueOctets], out _));
    }

    private ChallengeOutcome Answer(
        ReadOnlySpan<byte> text, scoped in Challenge challenge, scoped ReadOnlySpan<byte> realm, int at, int user, ref AuthAttempt attempt)
    {
        Span<byte> nonce = stackalloc byte[AuthLimits.MaxNonceOctets];
        WrittenQuote.TryKeep(challenge.Nonce.In(text), nonce, out int length);
        nonce = nonce[..length];
        if (at < 0 && !TryTakeSpace(text, challenge, user, out at))
            return ChallengeOutcome.Unsupported;
        ref var space = ref _spaces[at];
        bool isSame = space.HasNonce && NonceOf(at).SequenceEqual(nonce) && space.Algorithm == challenge.Algorithm;
        var carried = attempt.Carried[at];
        bool hasCarried = carried.Serial != 0 && carried.Serial >= space.FirstSerial;
        // See note [when to try again].
        if (hasCarried && !challenge.IsStale && (IsSet(attempt.Fresh, at) || isSame && carried.Serial == space.Serial))
        {
            Counters.Refused++;
            if (carried.Serial == space.Serial)
                space.HasNonce = false;
            return ChallengeOutcome.Refused;
        }
        attempt.Fresh |= (byte)(1 << at);
        space.LastUse = ++_uses;
        space.IsNamed = _credentials.IsNamed(user);
        space.NamesAlgorithm = challenge.NamesAlgorithm;
        space.WantsUserHash = challenge.WantsUserHash;
        space.Qop = challenge.Choose(_options.PrefersIntegrity);
        KeepOpaque(text, challenge, at);
        // The same nonce again, as servers give it that make one a minute: its count goes on.
        if (!isSame)
            SetNonce(at, nonce, challenge.Algorithm);
        return ChallengeOutcome.Answered;
    }

    private void KeepOpaque(ReadOnlySpan<byte> text, scoped in Challenge challenge, int at)
    {
        int length = 0;
        if (challenge.Opaque.IsPresent)
            WrittenQuote.TryKeep(challenge.Opaque.In(text), _text.AsSpan(at * OctetsEach + OpaqueAt, AuthLimits.MaxOpaqueOctets), out length);
        _spaces[at].OpaqueLength = (ushort)length;
    }

    private void SetNonce(int at, scoped ReadOnlySpan<byte> nonce, DigestAlgorithm algorithm)
    {
        ref var space = ref _spaces[at];
        nonce.CopyTo(_text.AsSpan(at * OctetsEach + NonceAt));
        space.NonceLength = (ushort)nonce.Length;
        space.Algorithm = algorithm;
        space.HasNonce = true;
        space.Count = 0;
        space.Serial = ++_serial;
    }

    private int FindSpace(bool isProxy, scoped ReadOnlySpan<byte> realm)
    {
        for (int i = 0; i < _spaces.Length; i++)
        {
            if (_spaces[i].IsTaken && _spaces[i].IsProxy == isProxy && QuotedText.ContentEquals(RealmOf(i), realm))
                return i;
        }
        return -1;
    }

    // A free space, or the one that was used longest ago; a realm that the credentials name gives way last, since anybody can make up realms.
    // One that this very response has taken stays.
    private bool TryTakeSpace(ReadOnlySpan<byte> text, scoped in Challenge challenge, int user, out int at)
    {
        at = 0;
        for (int i = 0; i < _spaces.Length && _spaces[at].IsTaken; i++)
        {
            ref readonly var space = ref _spaces[i];
            ref readonly var last = ref _spaces[at];
            if (!space.IsTaken || (space.IsNamed == last.IsNamed ? space.LastUse < last.LastUse : last.IsNamed))
                at = i;
        }
        if (_spaces[at].IsTaken && _spaces[at].LastUse > _usesBefore)
        {
            Counters.PassedOver++;
            return false;
        }
        if (_spaces[at].IsTaken)
            Counters.SpacesEvicted++;
        WrittenQuote.TryKeep(challenge.Realm.In(text), _text.AsSpan(at * OctetsEach + RealmAt, AuthLimits.MaxRealmOctets), out int length);
        _spaces[at] = new()
        {
            IsTaken = true, IsProxy = challenge.IsProxy, IsNamed = _credentials.IsNamed(user), RealmLength = (ushort)length, FirstSerial = _serial + 1,
            LastUse = ++_uses,
        };
        return true;
    }
}
