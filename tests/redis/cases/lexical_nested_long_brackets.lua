return [[a [[ b ]]
